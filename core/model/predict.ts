import type { OnText, PredictInput, PredictWorld } from '../ports/index.ts';
import { type JsonObject, type ModelVersion, WheelhouseError } from '../records/index.ts';
import type { Prediction } from './flavor.ts';
import { flavorOf } from './flavors.ts';
import { checkInput, checkOutput, checkParameters } from './signature.ts';

/**
 * The answer of a version that is no single call of a base model: input and parameters are checked against its signature
 * and completed by its defaults, then the output is.
 * @param name for errors, for example `support-bot@2`
 * @param onText gets the text of the answer in pieces; in one, where it does not come in pieces
 * @throws WheelhouseError `signature_mismatch`, and whatever the world throws
 */
export async function predict(
  version: Pick<ModelVersion, 'definition' | 'signature'>,
  ask: PredictInput,
  { name, world, onText }: { name: string; world: PredictWorld; onText: OnText | null },
): Promise<Prediction> {
  const { definition, signature } = version;
  const flavor = flavorOf(definition);
  if (flavor.runs !== 'stepped')
    throw new WheelhouseError('internal', `${name} is of flavor ${flavor.name}, which is one call of its base model.`);
  const { checker } = world;
  const checked: PredictInput = {
    input: checkInput(signature.input, ask.input, { name, checker }),
    messages: ask.messages,
    parameters: checkParameters(signature.parameters, ask.parameters, { name, checker }) as JsonObject,
  };
  let streamed = '';
  const take = (piece: string) => {
    if (piece === '') return;
    streamed += piece;
    onText?.(piece);
  };
  const { output, text } = await flavor.predict(definition, checked, world, onText === null ? null : take);
  const fitting = checkOutput(signature.output, output, { name, checker });
  if (!text.startsWith(streamed))
    throw new WheelhouseError('internal', `What ${name} streamed is not the answer that it came to.`);
  take(text.slice(streamed.length));
  return { output: fitting, text };
}
