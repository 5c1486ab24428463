import { useLocalStorage } from "@vueuse/core";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { permissionsOf, type Permission } from "../../../contract/permissions.ts";
import { api, type Answer, type User } from "../api/index.ts";
import { keepToken, refresh, whenSessionEnds } from "../api/token.ts";

/** Who is signed in. The browser only remembers that somebody is, so that guests are spared a refused request. */
export const useSessionStore = defineStore("session", () => {
  const user = ref<User>();
  const wasSignedIn = useLocalStorage("valence.signed-in", false);
  /** Why it is not known who is signed in. */
  const failure = shallowRef<Error>();
  let restoring: Promise<void> | undefined;

  const isSignedIn = computed(() => user.value !== undefined);
  const may = (permission: Permission): boolean =>
    user.value !== undefined && permissionsOf[user.value.role].includes(permission);
  const isStaff = computed(() => user.value !== undefined && user.value.role !== "customer");

  const forget = (): void => {
    user.value = undefined;
    wasSignedIn.value = false;
    failure.value = undefined;
    keepToken(undefined);
  };
  whenSessionEnds(forget);

  const accept = (login: Answer<"POST /auth/login">): void => {
    keepToken(login.accessToken);
    user.value = login.user;
    wasSignedIn.value = true;
    failure.value = undefined;
  };

  /** Takes an earlier session up again; resolves for guests at once. What failed for want of an answer is tried anew. */
  const restore = (): Promise<void> => {
    restoring ??=
      wasSignedIn.value && !isSignedIn.value
        ? refresh().then(accept, (error: unknown) => {
            if (!wasSignedIn.value) return;
            failure.value = error as Error;
            restoring = undefined;
          })
        : Promise.resolve();
    return restoring;
  };

  const signIn = async (email: string, password: string): Promise<void> =>
    accept(await api("POST /auth/login", { email, password }));

  const signOut = async (): Promise<void> => {
    await api("POST /auth/logout", {}).catch(() => undefined);
    forget();
  };

  return { user, failure, isSignedIn, isStaff, may, restore, signIn, signOut, forget };
});
