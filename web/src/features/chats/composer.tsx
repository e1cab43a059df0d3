import { ArrowUp, Square } from 'lucide-react';
import {
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { useT } from '@/lib/i18n';
import { Button, IconButton } from '@/ui';
import { openChip } from './commands';
import { AttachButton } from './attach-button';
import { messages } from './messages';
import { optionId, SuggestionList } from './suggestion-list';
import { useDraft } from './use-draft';
import { useSuggestions, type Suggest } from './use-suggestions';

export interface ComposerProps {
  /** Whose draft this is: a thread's id, or `new`. */
  thread: string;
  /** A run is active: what is sent waits for it. */
  running: boolean;
  stopping: boolean;
  sending: boolean;
  /** What was asked before, oldest first, for recalling with the Up key. */
  history: readonly string[];
  onSend: (text: string) => void;
  onStop: () => void;
  /** Left out: nothing can be attached here. */
  onFiles?: (files: File[]) => void;
  /** What the empty field says; by default that data can be asked about. */
  placeholder?: string;
  chips: ReactNode;
  /** Above the text: queued messages, uploads. */
  above?: ReactNode;
  /** One line under the text: what a command will do, or why it cannot. */
  hint?: (text: string) => string | null;
  /** Before all of it, about what is being typed; where the composer is at the bottom, so that what comes moves no button. */
  before?: (text: string) => ReactNode;
  /** Below all of it, about what is being typed; where the composer is at the top. */
  below?: (text: string) => ReactNode;
  /** What `@` and `/` offer. */
  suggest?: Suggest;
  autoFocus?: boolean;
}

/** An input method is choosing characters; its Enter must not send. 229 is what older ones report. */
const isComposing = (event: KeyboardEvent) =>
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only sign some browsers give
  event.nativeEvent.isComposing || event.keyCode === 229;

const STEPS: Partial<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

/** Steps through what was asked before, starting from an empty field. */
function useRecall(history: readonly string[]) {
  const [at, setAt] = useState<number | null>(null);
  return (key: string, text: string): string | null => {
    const step = STEPS[key];
    const untouched = text === (at === null ? '' : history[at]);
    if (step === undefined || !untouched) return null;
    const next = (at ?? history.length) + step;
    if (next < 0 || next > history.length) return null;
    setAt(next < history.length ? next : null);
    return history[next] ?? '';
  };
}

function useAutoGrow(text: string) {
  const ref = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const field = ref.current;
    if (!field) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  }, [text]);
  return ref;
}

interface SendButtonProps {
  running: boolean;
  stopping: boolean;
  sending: boolean;
  empty: boolean;
  onSend: () => void;
  onStop: () => void;
}

function SendButtons({ running, stopping, sending, empty, onSend, onStop }: SendButtonProps) {
  const t = useT(messages);
  return (
    <>
      {running && (
        <Button
          data-testid="stop"
          size="sm"
          loading={stopping}
          icon={<Square aria-hidden className="size-3 fill-current" />}
          onClick={onStop}
        >
          {t(stopping ? 'stopping' : 'stop')}
        </Button>
      )}
      {(!running || !empty) && (
        <IconButton
          data-testid="send"
          label={t(running ? 'queue' : 'send')}
          title={empty ? t('needText') : undefined}
          variant="primary"
          size="sm"
          tooltip={!empty}
          disabled={empty || sending}
          icon={<ArrowUp aria-hidden className="size-4" />}
          onClick={onSend}
        />
      )}
    </>
  );
}

/** What is offered about the text that is being typed. */
function About({ text, what }: { text: string; what: ComposerProps['below'] }) {
  return what?.(text) ?? null;
}

export function Composer(props: ComposerProps) {
  const { thread, running, stopping, sending, history, onSend, onStop, onFiles } = props;
  const t = useT(messages);
  const id = useId();
  const [text, setText] = useDraft(thread);
  const recall = useRecall(history);
  const field = useAutoGrow(text);
  const root = useRef<HTMLDivElement>(null);
  const [caret, setCaret] = useState(text.length);
  const change = (next: string, at: number) => {
    setText(next);
    setCaret(at);
  };
  const list = useSuggestions({ text, caret, change }, props.suggest);
  const listed = list.found.length > 0;
  const hint = props.hint?.(text) ?? null;

  useEffect(() => {
    if (props.autoFocus) field.current?.focus();
  }, [props.autoFocus, field]);

  const submit = () => {
    const trimmed = text.trim();
    if (trimmed === '' || sending) return;
    change('', 0);
    if (!openChip(trimmed, root.current)) onSend(trimmed);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (list.onKey(event)) {
      event.preventDefault();
      return;
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
      return;
    }
    if (event.key === 'Escape' && running) {
      onStop();
      return;
    }
    const recalled = recall(event.key, text);
    if (recalled === null) return;
    event.preventDefault();
    change(recalled, recalled.length);
  };

  return (
    <>
      <About text={text} what={props.before} />
      <div
        ref={root}
        data-testid="composer"
        data-state={running ? 'running' : 'idle'}
        className="relative rounded-lg border border-control bg-surface shadow-card focus-within:border-accent"
      >
        <SuggestionList id={`${id}-list`} found={list.found} at={list.at} onPick={list.accept} />
        {props.above}
        <label htmlFor={id} className="sr-only">
          {t('message')}
        </label>
        <textarea
          id={id}
          ref={field}
          rows={1}
          value={text}
          placeholder={props.placeholder ?? t(running ? 'placeholderRunning' : 'placeholder')}
          aria-describedby={`${id}-hint`}
          aria-autocomplete="list"
          aria-controls={listed ? `${id}-list` : undefined}
          aria-activedescendant={listed ? optionId(`${id}-list`, list.at) : undefined}
          onChange={({ target }) => change(target.value, target.selectionStart)}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const files = [...event.clipboardData.files];
            if (files.length === 0 || !onFiles) return;
            event.preventDefault();
            onFiles(files);
          }}
          className="block max-h-[40vh] w-full resize-none bg-transparent px-4 pt-3 pb-1 text-lg outline-none"
        />
        <p id={`${id}-hint`} className="sr-only">
          {t('composerHint')}
        </p>
        <p role="status" className="px-4 text-xs text-subtle empty:hidden">
          {hint}
        </p>
        <div className="flex flex-wrap items-center gap-1 px-2 pt-1 pb-2">
          {onFiles ? <AttachButton onFiles={onFiles} /> : null}
          {props.chips}
          <span className="ml-auto flex items-center gap-2">
            <SendButtons
              running={running}
              stopping={stopping}
              sending={sending}
              empty={text.trim() === ''}
              onSend={submit}
              onStop={onStop}
            />
          </span>
        </div>
      </div>
      <About text={text} what={props.below} />
    </>
  );
}
