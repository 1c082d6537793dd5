import { expect, it } from 'vitest';
import { editJsonObject, type JsonObject, jsonMemberText } from '../records/index.ts';
import { renameEdits, renameMembers } from './rename-members.ts';

const vendor = {
  refuses: [],
  needsMaxTokens: null,
  renames: { max_completion_tokens: 'max_tokens', seed: 'random_seed', user: null },
};

function editedText(text: string): string {
  const body = JSON.parse(text) as JsonObject;
  const edited = editJsonObject(
    text,
    renameEdits(body, vendor, (key) => jsonMemberText(text, key)),
  );
  expect(JSON.parse(edited)).toEqual(renameMembers(body, vendor));
  return edited;
}

it('gives members the names that a vendor has for them, in a body and in its text alike', () => {
  const edited = editedText('{"model":"m","max_completion_tokens":7,"seed":12345678901234567890,"user":"u","x":1.0}');
  expect(edited).toContain('"random_seed":12345678901234567890');
  expect(edited).toContain('"x":1.0');
  expect(edited).not.toMatch(/max_completion_tokens|"seed"|user/);
});

it("leaves what the caller already said in the vendor's own words", () => {
  expect(JSON.parse(editedText('{"max_tokens":1,"max_completion_tokens":7}'))).toEqual({ max_tokens: 1 });
  expect(JSON.parse(editedText('{"max_completion_tokens":7,"max_tokens":1}'))).toEqual({ max_tokens: 1 });
});
