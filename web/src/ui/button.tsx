import type { ComponentProps, ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { Spinner } from './spinner';
import { Tooltip } from './tooltip';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
export type ButtonSize = 'md' | 'sm';

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'bg-accent-solid text-on-accent hover:bg-accent-solid-hover',
  secondary: 'border border-line bg-surface text-fg shadow-card hover:bg-sunken',
  ghost: 'text-muted hover:bg-sunken hover:text-fg',
  danger: 'border border-line bg-surface text-danger hover:bg-danger-soft',
};

const BLOCKED = 'cursor-not-allowed border border-line bg-sunken text-subtle';

const SIZES: Record<ButtonSize, string> = {
  md: 'h-control px-3 text-sm',
  sm: 'h-7 px-2 text-xs pointer-coarse:h-control',
};

const shaped = (look: string, size: ButtonSize) =>
  cx(
    'inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-md font-strong whitespace-nowrap transition-colors duration-100',
    'disabled:cursor-not-allowed disabled:border-line disabled:bg-sunken disabled:text-subtle disabled:shadow-none',
    look,
    SIZES[size],
  );

/** The look of a button, for links that act like one. */
export function buttonClass(variant: ButtonVariant = 'secondary', size: ButtonSize = 'md'): string {
  return shaped(VARIANTS[variant], size);
}

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  icon?: ReactNode;
  /** Shows a spinner and refuses clicks; the button keeps its width and focus. */
  loading?: boolean;
  /** Why it cannot be pressed now: it keeps its place and focus, and says so. */
  blocked?: string | null | undefined;
}

export function Button(props: ButtonProps) {
  const { variant, size = 'md', icon, loading = false, blocked, className, ...more } = props;
  const { children, onClick, ...rest } = more;
  const refuses = loading || blocked != null;
  const button = (
    <button
      type="button"
      {...rest}
      aria-busy={loading || undefined}
      aria-disabled={refuses || undefined}
      onClick={refuses ? (event) => event.preventDefault() : onClick}
      className={cx(
        blocked == null ? buttonClass(variant, size) : shaped(BLOCKED, size),
        className,
      )}
    >
      {loading ? <Spinner /> : icon}
      {children}
    </button>
  );
  return blocked == null ? button : <Tooltip label={blocked}>{button}</Tooltip>;
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  /** The accessible name, also shown as the tooltip. */
  label: string;
  icon: ReactNode;
  size?: ButtonSize;
  variant?: ButtonVariant;
  shortcut?: string;
  tooltip?: boolean;
}

export function IconButton(props: IconButtonProps) {
  const { label, icon, size = 'md', variant = 'ghost', shortcut, className, ...rest } = props;
  const { tooltip = true, ...attributes } = rest;
  const box = size === 'md' ? 'size-control' : 'size-7 pointer-coarse:size-control';
  const button = (
    <button
      type="button"
      aria-label={label}
      aria-keyshortcuts={shortcut}
      {...attributes}
      className={cx(buttonClass(variant, size), 'px-0!', box, className)}
    >
      {icon}
    </button>
  );
  if (!tooltip) return button;
  return (
    <Tooltip label={label} shortcut={shortcut}>
      {button}
    </Tooltip>
  );
}
