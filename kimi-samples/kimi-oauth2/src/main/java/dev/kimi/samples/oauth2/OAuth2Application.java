package dev.kimi.samples.oauth2;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.event.CallEvent;
import dev.kimi.event.CallListener;
import dev.kimi.oauth2.RefreshTokenStore;
import dev.kimi.test.KimiSimulator;
import dev.kimi.time.Timer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Prints what happens between a client, an authorization server and the service. Start reading at {@link #client}: that
 * is all that an application needs. The other two are here so that there is something to call.
 */
public final class OAuth2Application {

    private OAuth2Application() {}

    /** Arguments: none, or {@code login}, an authorization server, a client id and a file for the refresh token. */
    public static void main(String[] args) {
        if (args.length == 4 && args[0].equals("login")) {
            logIn(args[1], args[2], Path.of(args[3]));
            return;
        }
        try (AuthorizationServer server = new AuthorizationServer();
                KimiSimulator service =
                        KimiSimulator.builder().tokens(server::accepts).start();
                KimiClient kimi = client(service.baseUrl(), server.tokenUri())) {
            call(kimi, "The first call: there is no token yet.");
            call(kimi, "The second call: its token is in the cache.");
            server.revokeAll();
            call(kimi, "The token has been revoked: it is replaced once, and the call is sent again.");
            System.out.println("\n3 calls, " + server.tokenRequests() + " token requests.");
        }
    }

    private static void logIn(String authorizationServer, String clientId, Path file) {
        Timer timer = Timer.wheel("login");
        try {
            new DeviceLogin(authorizationServer, clientId, OAuth2Application::pause)
                    .into(RefreshTokenStore.file(file, timer));
        } finally {
            timer.close();
        }
    }

    private static void pause(Duration time) {
        try {
            if (new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("nobody opens this latch");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static KimiClient client(String baseUrl, String tokenUri) {
        return KimiClient.builder()
                .baseUrl(baseUrl)
                .provider(Part.AUTH, "oauth2")
                .set(Part.AUTH, "token-uri", tokenUri)
                .set(Part.AUTH, "client-id", AuthorizationServer.CLIENT_ID)
                .set(Part.AUTH, "client-secret", AuthorizationServer.CLIENT_SECRET)
                .set(Part.AUTH, "scope", "chat")
                .listener(printing())
                .build();
    }

    private static void call(KimiClient kimi, String what) {
        System.out.println("\n=== " + what);
        kimi.chat("Which trains go from Bern to Zug?");
    }

    private static CallListener printing() {
        return call -> event -> {
            if (event instanceof CallEvent.AttemptStarted) {
                System.out.println("  client -> API                   call with Authorization: Bearer ****");
            } else if (event instanceof CallEvent.AttemptFinished attempt) {
                System.out.println("  API    -> client                " + attempt.status());
            }
        };
    }
}
