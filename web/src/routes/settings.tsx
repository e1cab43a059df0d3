import { Outlet } from '@tanstack/react-router';
import { SettingsNav } from '@/features/settings';

export function SettingsLayout() {
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col md:flex-row">
      <SettingsNav />
      <div className="min-w-0 flex-1">
        <Outlet />
      </div>
    </div>
  );
}
