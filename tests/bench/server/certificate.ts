import type { Certificate } from "./bench_server.ts";
import { generate } from "./packages.ts";

/** A certificate for the loopback address that nobody else has signed. */
export async function selfSigned(): Promise<Certificate> {
  const { cert, private: key } = await generate(
    [{ name: "commonName", value: "127.0.0.1" }],
    {
      keyType: "ec",
      extensions: [{
        name: "subjectAltName",
        altNames: [{ type: 7, ip: "127.0.0.1" }],
      }],
    },
  );
  return { cert, key };
}
