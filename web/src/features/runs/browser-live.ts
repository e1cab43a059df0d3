import type { Clock, SocketLike } from './healing-socket';
import { LiveLink } from './live';
import type { Live } from './live-context';
import { RunStore } from './run-store';

const clock: Clock = {
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

function adapt(socket: WebSocket): SocketLike {
  const adapted: SocketLike = {
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (data) => {
      socket.send(data);
    },
    close: () => {
      socket.close();
    },
  };
  socket.onopen = () => adapted.onopen?.();
  socket.onmessage = (event: MessageEvent<unknown>) => adapted.onmessage?.({ data: event.data });
  socket.onclose = ({ code }) => adapted.onclose?.({ code });
  return adapted;
}

/** The live link of this tab over a real WebSocket; it dials when something is first watched. */
export function createBrowserLive(renew: () => Promise<void>): Live {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const link = new LiveLink({
    connect: () => adapt(new WebSocket(`${scheme}://${location.host}/api/v1/ws`)),
    clock,
    random: Math.random,
    renew,
  });
  addEventListener('online', link.wake);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') link.wake();
  });
  return { link, store: new RunStore(link, clock) };
}
