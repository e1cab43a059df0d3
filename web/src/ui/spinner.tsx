import { LoaderCircle } from 'lucide-react';

/** Always beside a word: it says that something moves, never what. */
export function Spinner() {
  return <LoaderCircle aria-hidden className="size-3.5 animate-turn" />;
}
