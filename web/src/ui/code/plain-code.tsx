interface PlainCodeProps {
  text: string;
  className?: string;
}

/**
 * A text until its editor has been loaded: as large as the editor (see `looks.ts`) and with room
 * for its line numbers, so that nothing below it moves under somebody's pointer.
 */
export function PlainCode({ text, className = 'max-h-80' }: PlainCodeProps) {
  return (
    <pre
      className={`${className} overflow-auto py-2 pr-0.5 pl-7 font-mono text-sm leading-[1.6] break-words whitespace-break-spaces`}
    >
      {/* The last line counts also when it is empty. */}
      {`${text}\n`}
    </pre>
  );
}
