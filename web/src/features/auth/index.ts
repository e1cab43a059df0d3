export { AccountFields, EMPTY_ACCOUNT, useAccountCheck } from './account-fields';
export { signup, useStartSession } from './api';
export { JoinForm } from './join-form';
export { LoginForm } from './login-form';
export { ResetForm } from './reset-form';
export { messages } from './messages';
