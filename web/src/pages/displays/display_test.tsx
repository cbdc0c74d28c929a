// The whole way of a picture, tried once, with what came out to look at.
import { useMutation } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import { useI18n } from "../../i18n/i18n";
import { plain } from "../../lib/format";
import { Button } from "../../ui/button";
import { Card, Facts, Failure } from "../../ui/page";

export function DisplayTest() {
  const { t, f } = useI18n();
  const test = useMutation({ mutationFn: () => answer(api.POST("/api/v1/displays/test", { body: {} })) });
  const result = test.data;
  const milliseconds = (value: number) => plain(f.latency(value * 1000));
  return (
    <Card label={t.displays.test} className="grid gap-6 p-5 sm:p-6 md:grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)]">
      <div className="dots-screen relative flex aspect-video items-center justify-center overflow-hidden rounded-2xl bg-screen">
        {test.isPending ? (
          <p role="status" className="flex items-center gap-3 text-on-screen">
            <span className="pulse-dot size-2.5 rounded-full bg-accent" aria-hidden="true" />
            {t.displays.running}
          </p>
        ) : result ? (
          <img src={`/api/v1/displays/test/image?at=${encodeURIComponent(result.at)}`} alt={t.displays.picture} className="size-full object-contain" />
        ) : (
          <p className="px-6 text-center text-on-screen">{t.displays.neverRun}</p>
        )}
      </div>
      <div className="flex flex-col gap-5">
        {result && (
          <Facts
            rows={[
              [t.displays.result.display, `${result.display}, ${result.width} × ${result.height}`],
              [t.displays.result.encoder, result.encoder],
              [t.displays.result.display_ms, milliseconds(result.display_ms)],
              [t.displays.result.first_frame_ms, milliseconds(result.first_frame_ms)],
              [t.displays.result.encode_ms, milliseconds(result.encode_ms)],
              [t.displays.result.encoded_bytes, plain(f.bytes(result.encoded_bytes))],
            ]}
          />
        )}
        <Failure error={test.error} />
        <div className={result || test.error ? "mt-auto" : "my-auto"}>
          <Button look={result ? "plain" : "primary"} icon="play" busy={test.isPending} onClick={() => test.mutate()}>
            {t.displays.run}
          </Button>
        </div>
      </div>
    </Card>
  );
}
