package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.Part;
import dev.kimi.auth.Credentials;
import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.quota.QuotaDecision;
import dev.kimi.test.Reply;
import dev.kimi.time.Timeouts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The points before anything of a request is on its way. */
final class PointsBeforeSending {

    private PointsBeforeSending() {}

    /**
     * The quota is being asked, on the caller's thread. Nobody has a future, stream or subscription in hand yet. An
     * interrupt shows once the caller waits, which is for a token that never comes.
     */
    static final class BeforeAdmission extends Point {
        private final CompletableFuture<Void> asked = new CompletableFuture<>();
        private final CompletableFuture<Void> decision = new CompletableFuture<>();

        @Override
        boolean takes(Way way) {
            return way.isDeadline() || way.isClientClose() || way.isInterrupt();
        }

        @Override
        boolean holdsTheCall() {
            return true;
        }

        @Override
        void prepare(CancelFixture fixture) {
            fixture.builder.credentials(CompletableFuture::new);
            fixture.quota = request -> {
                asked.complete(null);
                decision.join();
                return QuotaDecision.granted(settlement -> {});
            };
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            asked.join();
        }

        @Override
        void release(CancelFixture fixture) {
            decision.complete(null);
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.QUEUED;
        }
    }

    /** The quota says: later. */
    static final class QueuedForQuota extends Point {
        @Override
        void prepare(CancelFixture fixture) {
            fixture.quota = request -> QuotaDecision.later(Duration.ofMinutes(10));
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            CancelFixture.eventually(
                    "the quota is to be asked again", () -> fixture.time.waits().contains(Duration.ofMinutes(10)));
        }

        @Override
        void release(CancelFixture fixture) {
            fixture.quota = null;
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.QUEUED;
        }
    }

    /** The token endpoint is silent. */
    static final class WaitingForToken extends Point {
        private final CompletableFuture<Void> asked = new CompletableFuture<>();
        private final CompletableFuture<Credentials> token = new CompletableFuture<>();

        @Override
        void prepare(CancelFixture fixture) {
            fixture.builder.credentials(() -> {
                asked.complete(null);
                return token;
            });
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            asked.join();
        }

        @Override
        void release(CancelFixture fixture) {
            // others may wait for the same token, so the call must not have cancelled it
            assertThat(token).isNotDone();
            token.complete(Credentials.bearer("sk-late"));
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.CREDENTIALS;
        }
    }

    /** The only connection is taken. */
    static final class WaitingForConnection extends Point {
        private @Nullable Caller taker;

        @Override
        void prepare(CancelFixture fixture) {
            fixture.kimi.reply(Reply.text("on and on").stallBeforeHeaders());
            fixture.builder.set(Part.TRANSPORT, "max-connections", "1");
            taker = fixture.caller(Way.FUTURE, 4).start();
            fixture.kimi.awaitRequests(1).join();
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            CancelFixture.eventually(
                    "a call waits for a connection",
                    () -> fixture.client().pool().pending() == 1);
        }

        @Override
        void release(CancelFixture fixture) {
            CancelFixture.eventually(
                    "nobody waits for a connection",
                    () -> fixture.client().pool().pending() == 0);
            Objects.requireNonNull(taker).cancelFuture();
        }

        @Override
        int requests() {
            return 1;
        }

        @Override
        boolean breaksOff() {
            return true;
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.POOL_WAIT;
        }
    }

    /** The other side takes the connection and never says a word of TLS. */
    static final class Connecting extends Point {
        private final ServerSocket silent;
        private @Nullable Socket opened;

        Connecting() throws IOException {
            silent = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
            silent.setSoTimeout((int) CancelFixture.SAFETY_NET.toMillis());
        }

        @Override
        void prepare(CancelFixture fixture) {
            fixture.builder.baseUrl("https://127.0.0.1:" + silent.getLocalPort());
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            try {
                opened = silent.accept();
                opened.setSoTimeout((int) CancelFixture.SAFETY_NET.toMillis());
                assertThat(opened.getInputStream().read())
                        .as("the first byte of a handshake")
                        .isEqualTo(22);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        void checkPeer(CancelFixture fixture, Way way) throws IOException {
            if (!way.isClientClose()) {
                // the pool goes on connecting for whoever comes next, until its own limit
                fixture.time.advance(Timeouts.defaults().connect());
            }
            InputStream in = Objects.requireNonNull(opened).getInputStream();
            try {
                in.transferTo(OutputStream.nullOutputStream());
            } catch (SocketException reset) {
                // as good an end as a close
            }
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.CONNECT;
        }

        @Override
        public void close() throws IOException {
            if (opened != null) {
                opened.close();
            }
            silent.close();
        }
    }
}
