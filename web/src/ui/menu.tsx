import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { OVERLAY, useOverlayContainer } from './overlay';

export interface MenuProps {
  /** One button; it gets aria-haspopup and aria-expanded. */
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'center' | 'end';
  side?: 'top' | 'right' | 'bottom' | 'left';
  label?: string;
  /** Given: whoever gives it decides. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

export function Menu(props: MenuProps) {
  const { trigger, children, align = 'end', side = 'bottom', label, open, onOpenChange } = props;
  const container = useOverlayContainer();
  return (
    <Radix.Root modal={false} open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={container}>
        <Radix.Content
          aria-label={label}
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className={cx(OVERLAY, 'min-w-44 max-w-80 p-1')}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const ITEM =
  'flex min-h-8 cursor-default items-center gap-2 rounded-sm px-2 py-1 text-sm outline-none select-none data-[highlighted]:bg-sunken data-[disabled]:text-subtle pointer-coarse:min-h-control';

export interface MenuItemProps {
  icon?: ReactNode;
  children: ReactNode;
  /** Second line: why it is disabled, what it does. */
  note?: ReactNode;
  shortcut?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect?: () => void;
  /** The child is a link and becomes the item itself. */
  asChild?: boolean;
}

export function MenuItem(props: MenuItemProps) {
  const { icon, children, note, shortcut, danger, disabled, onSelect, asChild } = props;
  const className = cx(ITEM, danger && 'text-danger');
  if (asChild) {
    return (
      <Radix.Item asChild disabled={disabled} onSelect={onSelect} className={className}>
        {children}
      </Radix.Item>
    );
  }
  return (
    <Radix.Item disabled={disabled} onSelect={onSelect} className={className}>
      {icon}
      <span className="min-w-0 flex-1">
        {children}
        {note ? <span className="block text-xs text-subtle">{note}</span> : null}
      </span>
      {shortcut ? <span className="text-xs text-subtle">{shortcut}</span> : null}
    </Radix.Item>
  );
}

export interface MenuChoiceProps<T extends string> {
  value: T;
  options: readonly { value: T; label: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
  label: string;
}

export function MenuChoice<T extends string>(props: MenuChoiceProps<T>) {
  const { value, options, onChange, label } = props;
  const pick = (next: string) => {
    const option = options.find((candidate) => candidate.value === next);
    if (option) onChange(option.value);
  };
  return (
    <Radix.RadioGroup value={value} onValueChange={pick} aria-label={label}>
      <MenuLabel>{label}</MenuLabel>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={ITEM}>
          {option.icon}
          <span className="flex-1">{option.label}</span>
          <Radix.ItemIndicator>
            <Check aria-hidden className="size-4 text-accent" />
          </Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-xs text-subtle">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
