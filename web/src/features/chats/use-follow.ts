import { useCallback, useEffect, useRef, useState } from 'react';

/** How near the end counts as following. */
const NEAR = 80;

/**
 * Keeps the end of a growing text in view, but only for a reader who is there already: any scroll
 * upwards releases it, and what happens to the content never moves a reader who has left.
 */
export function useFollow(units: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [left, setLeft] = useState(0);
  const last = useRef({ top: 0, following: true, units });
  useEffect(() => {
    last.current.units = units;
  }, [units]);

  const set = useCallback((next: boolean) => {
    if (last.current.following === next) return;
    last.current.following = next;
    setFollowing(next);
    if (!next) setLeft(last.current.units);
  }, []);

  const toEnd = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    last.current.top = box.scrollTop;
    set(true);
  }, [set]);

  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    const near = box.scrollHeight - box.scrollTop - box.clientHeight <= NEAR;
    // Content that shrinks also moves the position up; only a reader leaves the end.
    if (near) set(true);
    else if (box.scrollTop < last.current.top - 1) set(false);
    last.current.top = box.scrollTop;
  }, [set]);

  useEffect(() => {
    const inner = content.current;
    if (!inner || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(() => {
      const box = scroller.current;
      if (!box || !last.current.following) return;
      box.scrollTop = box.scrollHeight;
      last.current.top = box.scrollTop;
    });
    observer.observe(inner);
    return () => observer.disconnect();
  }, []);

  return { scroller, content, following, onScroll, toEnd, fresh: Math.max(0, units - left) };
}
