export type ProviderId = 'openai' | 'anthropic' | 'ollama' | 'generic' | 'demo';

/** The key itself never leaves the server. */
export interface KeyState {
  configured: boolean;
  last4?: string | null;
  updated_at?: string | null;
}

/** US dollars per million tokens; null when nobody knows. */
export interface Price {
  input?: number | null;
  output?: number | null;
}

export interface Model {
  id: string;
  number: number;
  name: string;
  provider: ProviderId;
  model_name: string;
  endpoint_url?: string | null;
  is_active: boolean;
  is_demo: boolean;
  key: KeyState;
  price: Price;
  context_window?: number | null;
  parameters: Record<string, unknown>;
  tested_at?: string | null;
  test_ok?: boolean | null;
  /** What to use instead, when the provider retired this model. */
  retired_advice?: string | null;
}

export interface ModelInput {
  name: string;
  provider: ProviderId;
  model_name?: string;
  endpoint_url?: string;
  api_key?: string;
  price?: Price;
  parameters?: Record<string, unknown>;
}

/** `api_key: null` removes the stored key. */
export type ModelPatch = Partial<Omit<ModelInput, 'provider' | 'api_key' | 'endpoint_url'>> & {
  /** Null: the provider's own. */
  endpoint_url?: string | null;
  api_key?: string | null;
};

export type ModelCheckName = 'reply' | 'stream' | 'tool_call' | 'json';

export interface ModelCheck {
  name: ModelCheckName;
  ok: boolean;
  detail?: string | null;
  elapsed_ms: number;
}

export interface ModelTest {
  ok: boolean;
  checks: ModelCheck[];
}

export interface Provider {
  id: ProviderId;
  title: string;
  default_model: string | null;
  needs_key: boolean;
  needs_endpoint: boolean;
  default_endpoint?: string | null;
  /** Model ids worth offering. */
  suggested?: string[];
}

/** A model found on this machine (environment key or local server), not yet accepted. */
export interface ModelOffer {
  provider: ProviderId;
  model_name: string;
  endpoint_url?: string | null;
  origin: 'env' | 'local';
  label: string;
}
