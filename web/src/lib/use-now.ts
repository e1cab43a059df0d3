import { useEffect, useState } from 'react';

/** The time, once a second while `running`; `offset` is how far the server's clock is ahead. */
export function useNow(running: boolean, offset = 0): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now + offset;
}
