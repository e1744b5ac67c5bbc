import { configure } from "@testing-library/react";
import { afterEach } from "vitest";

// Only how long to wait before giving up; on a busy machine a page takes its time.
configure({ asyncUtilTimeout: 15_000 });

afterEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});
