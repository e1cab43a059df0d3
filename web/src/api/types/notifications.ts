import type { RequestKind } from './inbox';

export type EmailMode = 'off' | 'now' | 'daily';

/** Where one is told of one kind of requests. */
export interface KindPreference {
  browser: boolean;
  email: EmailMode;
  webhook: boolean;
}

export interface NotificationsInput {
  kinds: Record<RequestKind, KindPreference>;
  /** IANA name; null for UTC. */
  time_zone: string | null;
  digest_hour: number;
}

export interface Notifications extends NotificationsInput {
  mail: { configured: boolean; sender: string | null; to: string | null };
}

/** Whether this person's browser is to tell of a request. */
export interface Notice {
  tell: boolean;
  id: string;
  number: number;
  kind: RequestKind;
  title: string;
}

/** What really became of a test. */
export interface ChannelTest {
  ok: boolean;
  detail: string;
  status: number | null;
  elapsed_ms: number;
}

export interface Webhook {
  id: string;
  name: string;
  url: string;
  organization: boolean;
  kinds: RequestKind[];
  enabled: boolean;
  disabled_reason: string;
  previous_until: string | null;
  created_at: string;
  waiting: number;
  failed: number;
}

/** With its secret, which is told once. */
export interface WebhookMade extends Webhook {
  secret: string;
}

export interface WebhookInput {
  name: string;
  url: string;
  organization: boolean;
}

export interface Delivery {
  id: string;
  event_key: string;
  channel: 'email' | 'webhook' | 'event';
  change: string;
  title: string;
  status: 'waiting' | 'delivered' | 'failed' | 'dropped';
  attempts: number;
  next_at: string | null;
  last_status: number | null;
  last_error: string;
  created_at: string;
}
