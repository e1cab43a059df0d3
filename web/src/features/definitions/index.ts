export {
  createDefinition,
  definitionQuery,
  definitionsOptions,
  editDefinition,
  useDefinitionsChanged,
  type DefinitionFilters,
} from './api';
export { DEFINITION_FORM, DefinitionForm, type SqlSlot } from './definition-form';
export { DefinitionFilterBar, DefinitionTable } from './definition-table';
export { DefinitionHistory } from './history';
export { messages as definitionMessages } from './messages';
export { StandingActions, StandingNotice } from './standing';
export { DefinitionState } from './status-chip';
export { DefinitionUsesList } from './uses';
export { checkDefinitionValues, contentOf, valuesOf, type DefinitionValues } from './values';
