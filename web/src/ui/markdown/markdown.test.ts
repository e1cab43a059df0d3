import { describe, expect, it } from 'vitest';
import { renderMarkdown } from './render';
import { splitCards } from './split-cards';

const dom = (text: string) => {
  const box = document.createElement('div');
  box.innerHTML = renderMarkdown(text);
  return box;
};

describe('renderMarkdown', () => {
  it('shows raw HTML as the text it is', () => {
    const box = dom('<script>alert(1)</script> <b onclick="x()">hi</b> <style>p{}</style>');
    expect(box.querySelector('script, b, style')).toBeNull();
    expect(box.textContent).toContain('<b onclick="x()">hi</b>');
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,<script>1</script>)',
    '[x](vbscript:1)',
    '[x](/settings/tokens)',
    '[x](//evil.example/a)'.replace('//evil.example/a', 'file:///etc/passwd'),
  ])('gives no link for %s', (text) => {
    expect(dom(text).querySelector('a')).toBeNull();
    expect(dom(text).textContent).toContain('x');
  });

  it('never fetches an image, but says where it is', () => {
    const box = dom('![chart](https://evil.example/p.png?q=secret)');
    expect(box.querySelector('img')).toBeNull();
    expect(box.querySelector('a')?.textContent).toBe('chart');
    expect(box.textContent).toContain('(evil.example)');
  });

  it('names the host of a link whose text hides it, and opens it apart from the app', () => {
    const link = dom('[our bank](https://evil.example/login)').querySelector('a');
    expect(link?.getAttribute('rel')).toContain('noopener');
    expect(link?.getAttribute('target')).toBe('_blank');
    expect(dom('[our bank](https://evil.example/login)').textContent).toContain('(evil.example)');
    expect(dom('https://docs.example.org/a').textContent).not.toContain('(docs.example.org)');
  });

  it('cannot be talked into attributes through a crafted address or title', () => {
    const box = dom('[a](https://e.example/"onmouseover="x) ![" onerror="x](https://e.example/i)');
    for (const element of box.querySelectorAll('*'))
      for (const { name } of element.attributes) expect(name.startsWith('on')).toBe(false);
  });

  it('lets tables scroll inside themselves, by keyboard too', () => {
    const scroller = dom('| a | b |\n|---|---:|\n| 1 | 2 |').querySelector('.table-scroll');
    expect(scroller?.getAttribute('tabindex')).toBe('0');
    expect(scroller?.querySelectorAll('td')).toHaveLength(2);
  });
});

describe('marks', () => {
  const marked = (text: string, ...found: [string, string][]) => {
    const marks = found.map(([shown, kind]) => {
      const start = text.indexOf(shown);
      return { start, end: start + shown.length, kind, label: kind };
    });
    const box = document.createElement('div');
    box.innerHTML = renderMarkdown(text, marks);
    return box;
  };

  it('become real buttons with the figure in their name', () => {
    const box = marked('**North** had **120** in `95`.', ['120', 'exact'], ['95', 'untraced']);
    const buttons = [...box.querySelectorAll('button')];
    expect(buttons.map((button) => button.textContent)).toEqual(['120', '95']);
    expect(buttons.map((button) => button.dataset.cite)).toEqual(['exact', 'untraced']);
    expect(buttons[0]?.getAttribute('aria-label')).toBe('120, exact');
    expect(box.textContent).toBe('North had 120 in 95.\n');
  });

  it('cannot be forged by a model, nor reach an attribute', () => {
    const text = 'a \uE0005\uE001 [x](https://e.example/7 "7") 12';
    const box = marked(text, ['7', 'exact'], ['12', 'exact']);
    expect([...box.querySelectorAll('button')].map((button) => button.textContent)).not.toContain(
      '5',
    );
    expect(box.innerHTML).not.toMatch(/[\uE000\uE001]/);
  });

  it('leave figures of the question without a button', () => {
    const box = marked('Top 5', ['5', 'asked']);
    expect(box.querySelector('button')).toBeNull();
    expect(box.querySelector('[data-cite="asked"]')?.textContent).toBe('5');
  });
});

describe('splitCards', () => {
  it('cuts the text at its placeholders', () => {
    expect(splitCards('See {{card Q1}} and {{ card C12 }}.', false)).toEqual([
      { kind: 'text', text: 'See ', at: 0 },
      { kind: 'card', handle: 'Q1' },
      { kind: 'text', text: ' and ', at: 15 },
      { kind: 'card', handle: 'C12' },
      { kind: 'text', text: '.', at: 34 },
    ]);
  });

  it.each(['Look: {', 'Look: {{', 'Look: {{card', 'Look: {{card Q1', 'Look: {{card Q1}'])(
    'holds back what may become a placeholder: %s',
    (text) => {
      expect(splitCards(text, true)).toEqual([{ kind: 'text', text: 'Look: ', at: 0 }]);
      expect(splitCards(text, false)).toEqual([{ kind: 'text', text, at: 0 }]);
    },
  );

  it('leaves placeholders in code alone', () => {
    const text = 'Write `{{card Q1}}` or\n```\n{{card Q2}}\n```';
    expect(splitCards(text, false)).toEqual([{ kind: 'text', text, at: 0 }]);
  });
});
