import type { Role } from '@/api/types';

/** From the most to the least powerful. */
export const ROLES: readonly Role[] = ['owner', 'admin', 'builder', 'analyst', 'viewer'];

export const toRole = (value: string): Role => ROLES.find((role) => role === value) ?? 'viewer';

/** The roles one may give: nobody raises another above themselves. */
export function grantable(mine: Role): readonly Role[] {
  return ROLES.slice(ROLES.indexOf(mine));
}
