import { useRouter } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useState } from 'react';
import { Input } from './field';

/** How long after the last key a search goes into the address. */
const SEARCH_AFTER_MS = 250;

export interface SearchInputProps {
  label: string;
  /** What is searched for now, as the address says. */
  value: string;
  onSearch: (text: string) => void;
  maxLength?: number;
  className?: string;
}

/** A search whose text lives in the address: told a moment after the last key. */
export function SearchInput({ label, value, onSearch, maxLength, className }: SearchInputProps) {
  const router = useRouter();
  const [page] = useState(router.latestLocation.pathname);
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  const [seen, setSeen] = useState(value);
  if (value !== seen) {
    setSeen(value);
    // The address was changed by something else than these keys: a link, a button, *Back*.
    if (value !== told) {
      setTold(value);
      setText(value);
    }
  }
  const tell = useEffectEvent(() => {
    // A late key must not call back whoever is already on the way to another page.
    if (router.latestLocation.pathname !== page) return;
    setTold(text);
    onSearch(text);
  });
  useEffect(() => {
    if (text === told) return undefined;
    const timer = setTimeout(() => tell(), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, told]);
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={label}
      maxLength={maxLength}
      value={text}
      onChange={(event) => setText(event.target.value)}
      className={className}
    />
  );
}
