export { tokensQuery } from './api';
export { InviteDialog, InviteList } from './invites';
export { MemberTable } from './member-table';
export { messages } from './messages';
export { RoleTable } from './role-table';
export { TokenDialog } from './token-dialog';
export { TokenTable } from './token-table';
