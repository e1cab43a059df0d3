export { ChoiceCards } from './choice-cards';
export { messages } from './messages';
export { SettingsNav } from './settings-nav';
