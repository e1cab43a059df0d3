import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** How near the end counts as following. */
const NEAR = 80;
/** How far the last question stays from the top edge. */
const MARGIN = 16;

const distance = (box: HTMLElement) => box.scrollHeight - box.scrollTop - box.clientHeight;

/** Puts the last turn's question near the top of the box. */
function anchor(box: HTMLElement) {
  const turns = box.querySelectorAll<HTMLElement>('article');
  const turn = turns.item(turns.length - 1) as HTMLElement | null;
  if (!turn) return;
  const offset = turn.getBoundingClientRect().top - box.getBoundingClientRect().top;
  box.scrollTop += offset - MARGIN;
}

/**
 * Where the reader is. A new question goes to the top, once, and its answer grows below it; from
 * then on the position is the reader's: text that grows or ends never moves it, unless the reader
 * asked for the end and is still there.
 *
 * @param question Names the last question; a change of it is a new question.
 * @param units How much there is to see, for counting what came since the reader left the end.
 */
export function useFollow(question: string | null, units: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  /** The end is in view, as far as the reader is concerned. */
  const [following, setFollowing] = useState(true);
  const [left, setLeft] = useState(0);
  const last = useRef({ top: 0, following: true, pinned: false, units });
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
    last.current.pinned = true;
    set(true);
  }, [set]);

  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    // Content that shrinks also moves the position up; only a reader leaves the end.
    if (box.scrollTop < last.current.top - 1 && distance(box) > NEAR) last.current.pinned = false;
    set(distance(box) <= NEAR);
    last.current.top = box.scrollTop;
  }, [set]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || question === null) return;
    last.current.pinned = false;
    anchor(box);
    last.current.top = box.scrollTop;
  }, [question]);

  useEffect(() => {
    const inner = content.current;
    if (!inner || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(() => {
      const box = scroller.current;
      if (!box) return;
      if (last.current.pinned) box.scrollTop = box.scrollHeight;
      last.current.top = box.scrollTop;
      set(distance(box) <= NEAR);
    });
    observer.observe(inner);
    return () => observer.disconnect();
  }, [set]);

  return { scroller, content, following, onScroll, toEnd, fresh: Math.max(0, units - left) };
}
