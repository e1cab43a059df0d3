import { useCallback, useEffect, useRef, useState } from 'react';

export interface Viewport {
  top: number;
  left: number;
  width: number;
  height: number;
}

/** What is assumed before the browser has laid anything out. */
const INITIAL: Viewport = { top: 0, left: 0, width: 800, height: 400 };

/** Follows scroll position and size of a scrolling box. */
export function useViewport() {
  const ref = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState(INITIAL);

  const measure = useCallback(() => {
    const box = ref.current;
    if (!box) return;
    setViewport((before) => {
      const next = {
        top: box.scrollTop,
        left: box.scrollLeft,
        width: box.clientWidth || INITIAL.width,
        height: box.clientHeight || INITIAL.height,
      };
      const same =
        before.top === next.top &&
        before.left === next.left &&
        before.width === next.width &&
        before.height === next.height;
      return same ? before : next;
    });
  }, []);

  useEffect(() => {
    const box = ref.current;
    if (!box || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => {
      observer.disconnect();
    };
  }, [measure]);

  return { ref, viewport, measure };
}
