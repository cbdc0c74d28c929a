/** A WAV file: a tone of half the full strength on both channels, 48 kHz, 16 bits. */
export function toneFile(hz: number, seconds: number): Buffer {
  const kRate = 48_000;
  const samples = kRate * seconds;
  const file = Buffer.alloc(44 + 4 * samples);
  file.write("RIFF", 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20); // PCM
  file.writeUInt16LE(2, 22);
  file.writeUInt32LE(kRate, 24);
  file.writeUInt32LE(kRate * 4, 28);
  file.writeUInt16LE(4, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(4 * samples, 40);
  for (let i = 0; i < samples; i++) {
    const value = Math.round(16_000 * Math.sin((2 * Math.PI * hz * i) / kRate));
    file.writeInt16LE(value, 44 + 4 * i);
    file.writeInt16LE(value, 46 + 4 * i);
  }
  return file;
}
