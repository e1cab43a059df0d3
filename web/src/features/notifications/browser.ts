/** What the browser says about notices of this site; `none` where it has none to offer. */
export type Permission = NotificationPermission | 'none';

export function permission(): Permission {
  return typeof Notification === 'undefined' ? 'none' : Notification.permission;
}

export type Shown = 'shown' | 'silent' | 'failed';
const PATIENCE_MS = 4000;

/** Shows a notice and waits for the browser's word on it. */
export function show(
  title: string,
  options: NotificationOptions,
  onClick?: () => void,
): Promise<Shown> {
  return new Promise((resolve) => {
    try {
      const notice = new Notification(title, options);
      notice.onshow = () => resolve('shown');
      notice.onerror = () => resolve('failed');
      notice.onclick = () => {
        window.focus();
        notice.close();
        onClick?.();
      };
      window.setTimeout(() => resolve('silent'), PATIENCE_MS);
    } catch {
      // Some phones offer the name and refuse the call.
      resolve('failed');
    }
  });
}
