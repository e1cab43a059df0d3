import type { ReactNode } from 'react';

export interface PreviewRowsProps {
  label: string;
  columns: readonly string[];
  rows: readonly (readonly ReactNode[])[];
}

/** A few rows of a preview under their name, in a box that scrolls inside itself. */
export function PreviewRows({ label, columns, rows }: PreviewRowsProps) {
  return (
    <div className="flex flex-col gap-1">
      <h3 className="text-xs text-subtle">{label}</h3>
      <div
        role="region"
        aria-label={label}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls takes focus
        tabIndex={0}
        className="max-h-80 overflow-auto rounded-md border border-line"
      >
        <table className="nums w-full border-collapse text-xs">
          <thead className="sticky top-0 bg-sunken">
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col" className="px-2 py-1 text-left">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index} className="border-t border-line">
                {row.map((value, at) => (
                  <td key={at} className="px-2 py-1 whitespace-nowrap">
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
