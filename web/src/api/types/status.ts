/** What the status line at the foot of the rail is made of. */
export interface ServerStatus {
  workers: { online: number };
  model: {
    configured: boolean;
    id?: string | null;
    name?: string | null;
    provider?: string | null;
    is_demo: boolean;
  };
  version: string;
  limits: {
    /** Of one file. */
    upload_max_bytes: number;
    /** Endings with their dot. */
    upload_formats: string[];
  };
}
