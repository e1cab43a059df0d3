import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Keyboard, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { api, errorTitle } from '@/api/client';
import { useSession } from '@/api/resources';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { setTheme, themeStore } from '@/lib/preferences';
import { useStore } from '@/lib/store';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator, toast } from '@/ui';
import { Avatar } from '@/ui/avatar';
import { messages } from './messages';
import { helpStore } from './shortcuts';

export function UserMenu({ narrow }: { narrow: boolean }) {
  const t = useT(messages);
  const { user } = useSession();
  const theme = useStore(themeStore);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => api.post<undefined>('/auth/logout'),
    onSuccess: async () => {
      await navigate({ to: '/login' });
      queryClient.clear();
    },
    onError: (error) => toast({ title: errorTitle(error), tone: 'danger' }),
  });
  const trigger = (
    <button
      type="button"
      className={cx(
        'flex h-10 items-center gap-2.5 rounded-md text-left text-sm hover:bg-sunken data-[state=open]:bg-sunken',
        narrow ? 'justify-center' : 'px-2',
      )}
    >
      <Avatar name={user.name} />
      <span className={narrow ? 'sr-only' : 'min-w-0 flex-1 truncate'}>
        <span className="sr-only">{t('account')} </span>
        {user.name}
      </span>
    </button>
  );
  return (
    <Menu trigger={trigger} align="start" side="top">
      <MenuLabel>{user.email}</MenuLabel>
      <MenuSeparator />
      <MenuChoice
        label={t('theme')}
        value={theme}
        onChange={setTheme}
        options={[
          { value: 'system', label: t('themeSystem'), icon: <Monitor className="size-4" /> },
          { value: 'light', label: t('themeLight'), icon: <Sun className="size-4" /> },
          { value: 'dark', label: t('themeDark'), icon: <Moon className="size-4" /> },
        ]}
      />
      <MenuSeparator />
      <MenuItem
        icon={<Keyboard aria-hidden className="size-4" />}
        shortcut="?"
        onSelect={() => helpStore.set(true)}
      >
        {t('shortcuts')}
      </MenuItem>
      <MenuItem icon={<LogOut aria-hidden className="size-4" />} onSelect={() => signOut.mutate()}>
        {t('signOut')}
      </MenuItem>
    </Menu>
  );
}
