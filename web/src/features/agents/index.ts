export { AgentForm, FORM as AGENT_FORM } from './agent-form';
export { AgentState, AgentTable } from './agent-table';
export { checkAgent, definitionOf, patchOf, valuesOf, type AgentValues } from './agent-values';
export * from './api';
export { messages } from './messages';
export { NewAgent } from './new-agent';
export { PublishDialog } from './publish';
export { rulesTab } from './rules-tab';
export { Versions } from './versions';
