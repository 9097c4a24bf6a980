import assert from 'node:assert/strict';
import { createCircuit } from '../../../src/engine/pipeline/circuit.ts';
import type { Circuit } from '../../../src/engine/pipeline/circuit.ts';
import { FactoryError } from '../../../src/engine/model/errors.ts';
import { spoken } from '../../../src/engine/model/message.ts';

const runware = { provider: 'runware', model: 'runware:101@1' };
const other = { provider: 'runware', model: 'bfl:2@1' };
const openai = { provider: 'openai', model: 'gpt-6-luna' };
const down = new FactoryError('provider.unavailable', spoken('The server is down.'));
const silent = new FactoryError('network.timeout', spoken('No answer came.'));

describe('Circuit', () => {
  let tripped: string[];
  let circuit: Circuit;

  beforeEach(() => {
    tripped = [];
    circuit = createCircuit({
      trip: (error, source) => tripped.push(`${error.code} ${source.provider}`),
      onHeld: () => undefined,
    });
  });

  it('P13: five failures of one model in a row pause the job, and all five stay unfinished', async () => {
    const verdicts = Array.from({ length: 5 }, () => circuit.suspect(runware, down));
    assert.deepEqual(new Set(await Promise.all(verdicts)), new Set(['halt']));
    assert.deepEqual(tripped, ['provider.unavailable runware']);
    assert.equal(circuit.held, 0);
  });

  it('P13: three silent calls to one provider pause the job, whatever their models', async () => {
    const verdicts = [runware, other, runware].map((source) => circuit.suspect(source, silent));
    assert.deepEqual(await Promise.all(verdicts), ['halt', 'halt', 'halt']);
    assert.deepEqual(tripped, ['network.timeout runware']);
  });

  it('P13: a success in between ends the row: the failures are their own', async () => {
    const first = Array.from({ length: 4 }, () => circuit.suspect(runware, down));
    circuit.success(runware);
    assert.deepEqual(new Set(await Promise.all(first)), new Set(['fail']));
    void circuit.suspect(runware, down);
    assert.equal(circuit.held, 1);
    assert.deepEqual(tripped, []);
  });

  it('P13: a success of another model or provider says nothing about this one', () => {
    for (let i = 0; i < 4; i++) void circuit.suspect(runware, down);
    circuit.success(other);
    circuit.success(openai);
    assert.equal(circuit.held, 4);
  });

  it('P13: a success of any of its models shows that the provider can be reached', async () => {
    const verdict = circuit.suspect(runware, silent);
    circuit.success(other);
    assert.equal(await verdict, 'fail');
  });

  it('P13: at the end, server errors belong to their images; a silent network pauses even one image', async () => {
    const servers = circuit.suspect(runware, down);
    circuit.resolveHeld();
    assert.equal(await servers, 'fail');
    assert.deepEqual(tripped, []);
    const network = circuit.suspect(openai, silent);
    circuit.resolveHeld();
    assert.equal(await network, 'halt');
    assert.deepEqual(tripped, ['network.timeout openai']);
  });

  it('J1: when the run ends, everything that is held stays unfinished', async () => {
    const verdict = circuit.suspect(runware, down);
    circuit.halt();
    assert.equal(await verdict, 'halt');
    assert.deepEqual(tripped, []);
  });
});
