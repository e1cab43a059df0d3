import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeServer, renderApp } from '@/testing/render';
import { fakeSource } from '@/testing/fakes';

const one = (question: string) => ({
  id: 't7',
  number: 7,
  title: 'Regions',
  question,
  asked_at: '2026-11-18T14:02:00Z',
  url: '/chats/t7',
});

test('what was asked before is offered, and follows what is being typed', async () => {
  const server = fakeServer()
    .on('GET /sources', () => ({ data: [fakeSource({ id: 's9' })], next: null }))
    .on('GET /threads/related', ({ query }) => ({
      data: query.get('q')
        ? [one('Revenue by region?'), { ...one('revenue by region? '), id: 't6' }]
        : [one('The newest question')],
    }));
  const { user } = renderApp('/chats/new', server);
  const before = await screen.findByRole('navigation', { name: /Asked before about this source/ });
  expect(before).toHaveTextContent('The newest question');
  await user.type(
    within(screen.getByTestId('composer')).getByRole('textbox'),
    'revenue of regions',
  );
  await waitFor(() =>
    expect(screen.getByRole('link', { name: /Revenue by region\?/ })).toHaveAttribute(
      'href',
      '/chats/t7',
    ),
  );
  expect(within(before).getAllByRole('link')).toHaveLength(1);
});
