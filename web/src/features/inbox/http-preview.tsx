import { defineMessages, useT } from '@/lib/i18n';
import { Block } from './preview-block';
import { PreviewRows } from './preview-rows';
import { isObject } from './schema-fields';

const messages = defineMessages({
  en: { request: 'Request', headers: 'Headers', name: 'Name', value: 'Value', body: 'Body' },
  fr: { request: 'Requête', headers: 'En-têtes', name: 'Nom', value: 'Valeur', body: 'Corps' },
});

type Json = Record<string, unknown>;

export const isHttp = (preview: Json): boolean => preview.kind === 'http';

/** JSON as it reads best; any other body as it is. */
function readable(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

/** A request before it is sent: where to, with which headers, and what it carries. */
export function HttpPreview({ preview }: { preview: Json }) {
  const t = useT(messages);
  const { method, url, headers, body, note } = preview;
  const named = isObject(headers) ? Object.entries(headers) : [];
  return (
    <div className="flex flex-col gap-3">
      <Block label={t('request')} value={`${String(method)} ${String(url)}`} />
      {typeof note === 'string' ? <p className="text-sm text-muted">{note}</p> : null}
      {named.length > 0 ? (
        <PreviewRows
          label={t('headers')}
          columns={[t('name'), t('value')]}
          rows={named.map(([name, value]) => [name, String(value)])}
        />
      ) : null}
      <Block label={t('body')} value={readable(body)} />
    </div>
  );
}
