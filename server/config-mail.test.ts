import { describe, expect, test } from 'vitest';
import { readMail } from './config-mail.ts';

const url = 'smtp://alerts:secret@mail.house.test:587';

describe('the mail server', () => {
  test('is named by its address and by whom messages come from', () => {
    const from = 'Wheelhouse <alerts@house.test>';
    expect(readMail({ SMTP_URL: url, SMTP_FROM: from })).toEqual({ url, from, domain: 'house.test' });
    expect(readMail({ SMTP_URL: url, SMTP_FROM: 'a@b.test' })?.domain).toBe('b.test');
    expect(readMail({})).toBeNull();
  });

  test.each(['alerts', 'a@b.test <c>', 'a@b.test\r\nBcc: x@y.test', '<a@b.test> Me', 'A <a@b>c@d.test>'])(
    'is not named by %j',
    (from) => {
      expect(() => readMail({ SMTP_URL: url, SMTP_FROM: from })).toThrow('SMTP_FROM');
    },
  );

  test.each([
    [{ SMTP_URL: url }, 'SMTP_FROM'],
    [{ SMTP_FROM: 'a@b.test' }, 'SMTP_URL'],
    [{ SMTP_URL: 'https://mail.house.test', SMTP_FROM: 'a@b.test' }, 'SMTP_URL'],
    [{ SMTP_URL: 'mail.house.test:587', SMTP_FROM: 'a@b.test' }, 'SMTP_URL'],
    [{ SMTP_URL: url, SMTP_FROM: 'nobody' }, 'SMTP_FROM'],
  ])('is refused: %j', (env, said) => {
    expect(() => readMail(env)).toThrow(said);
  });
});
