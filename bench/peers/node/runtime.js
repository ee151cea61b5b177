// The Runtime API of Lambda. AWS's own client for it (aws-lambda-ric) is compiled when it is
// installed, for which not every machine has what it takes; this does as much and no more.

import http from "node:http";

const runtime = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new http.Agent({ keepAlive: true });

// Hands each event to `handler`, one after the other, for ever.
export async function serve(handler) {
  for (;;) {
    const { headers, body } = await call("GET", `${runtime}/next`);
    const answer = await handler(JSON.parse(body), {});
    await call("POST", `${runtime}/${headers["lambda-runtime-aws-request-id"]}/response`, JSON.stringify(answer));
  }
}

function call(method, url, content) {
  return new Promise((resolve, reject) => {
    const headers = content === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(content) };
    const request = http.request(url, { method, agent, headers }, async (response) => {
      try {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() });
      } catch (error) {
        reject(error);
      }
    });
    request.on("error", reject);
    request.end(content);
  });
}
