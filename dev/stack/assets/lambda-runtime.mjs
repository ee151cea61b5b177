// Runs a handler as Lambda's runtime for Node.js does: `node lambda-runtime.mjs MODULE EXPORT`.
import { request } from "node:http";
import { pathToFileURL } from "node:url";

const [module, name] = process.argv.slice(2);
const { [name]: handler } = await import(pathToFileURL(module));
const invocations = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

// `fetch` gives up after five minutes without an event.
function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(`${invocations}/${path}`, { method }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("error", reject).on("end", () => resolve({ headers: response.headers, text }));
    });
    sent.on("error", reject).end(body);
  });
}

for (;;) {
  const { headers, text } = await call("GET", "next");
  const awsRequestId = headers["lambda-runtime-aws-request-id"];
  try {
    const response = await handler(JSON.parse(text), { awsRequestId });
    await call("POST", `${awsRequestId}/response`, JSON.stringify(response ?? null));
  } catch (error) {
    console.error(error);
    const { name: errorType, message: errorMessage } = error;
    await call("POST", `${awsRequestId}/error`, JSON.stringify({ errorType, errorMessage }));
  }
}
