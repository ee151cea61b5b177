import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Where `cargo run` serves Tollgate.
const tollgate = process.env.TOLLGATE ?? "http://localhost:3000";
const routes =
  "^/(signin|callback|signout|signedout|sessions?|api|backchannel-logout|frontchannel-logout|\\.well-known)([/?]|$)";

export default defineConfig({
  plugins: [react()],
  // The function `web` serves the files below an address of its own.
  base: "./",
  // Its content security policy allows no data: addresses.
  build: { assetsInlineLimit: 0 },
  // The Host header stays that of this server: browsers see one origin.
  server: { strictPort: true, cors: false, proxy: { [routes]: { target: tollgate, changeOrigin: false } } },
});
