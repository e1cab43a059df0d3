import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// A deadline, not an expectation: a busy machine takes its time.
configure({ asyncUtilTimeout: 15_000 });

/* What browsers have and jsdom lacks, just enough for components to work. */
Object.assign(HTMLDialogElement.prototype, {
  showModal(this: HTMLDialogElement) {
    this.setAttribute('open', '');
    this.querySelector<HTMLElement>('[autofocus], input, button')?.focus();
  },
  close(this: HTMLDialogElement) {
    this.removeAttribute('open');
  },
});

/** A socket that never opens: tests that need one bring their own. */
class NoSocket {
  send(): void {
    // Never open, so nothing is ever sent.
  }
  close(): void {
    // Nor closed.
  }
}

class NoResize implements ResizeObserver {
  observe(): void {
    // Nothing is laid out in jsdom, so nothing ever changes size.
  }
  unobserve(): void {
    // See observe.
  }
  disconnect(): void {
    // See observe.
  }
}

Object.assign(window, {
  ResizeObserver: NoResize,
  WebSocket: NoSocket,
  scrollTo: () => undefined,
  matchMedia: (media: string) => ({
    media,
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }),
});
Object.assign(Element.prototype, {
  scrollIntoView: () => undefined,
  hasPointerCapture: () => false,
  setPointerCapture: () => undefined,
  releasePointerCapture: () => undefined,
});

afterEach(() => {
  cleanup();
  window.localStorage.clear();
});
