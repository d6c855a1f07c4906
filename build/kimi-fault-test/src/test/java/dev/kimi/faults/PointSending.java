package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.test.support.RawHttp2Server;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Half of a large request is on its way to a peer that reads no more. */
abstract class PointSending extends Point {

    /** More than all buffers between the two hold. */
    static final int SIZE = 48 << 20;

    @Override
    int promptSize() {
        return SIZE;
    }

    @Override
    Phase phase(boolean streamed) {
        return streamed ? Phase.HEADERS : Phase.FIRST_EVENT;
    }

    @Override
    public String toString() {
        return "Sending";
    }

    static PointSending over(TransportUnderTest transport) throws IOException {
        return transport.isMultiplexed() ? new Http2() : new Http1();
    }

    /** Accepts and does not read. */
    private static final class Http1 extends PointSending {
        private final ServerSocket listener = new ServerSocket();
        private @Nullable Socket opened;

        Http1() throws IOException {
            listener.setReceiveBufferSize(16 << 10);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            listener.setSoTimeout((int) CancelFixture.SAFETY_NET.toMillis());
        }

        @Override
        void prepare(CancelFixture fixture) {
            fixture.builder.baseUrl("http://127.0.0.1:" + listener.getLocalPort());
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            try {
                opened = listener.accept();
                opened.setSoTimeout((int) CancelFixture.SAFETY_NET.toMillis());
                assertThat((char) opened.getInputStream().read()).isEqualTo('P');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        void checkPeer(CancelFixture fixture, Way way) throws IOException {
            // before that, whoever reads lets the loop write on
            CancelFixture.eventually(
                    "the exchange is cancelled", () -> fixture.client().pool().exchanges() == 0);
            InputStream in = Objects.requireNonNull(opened).getInputStream();
            long read = 0;
            byte[] buffer = new byte[64 << 10];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    read += n;
                }
            } catch (SocketException reset) {
                // as good an end as a close
            }
            assertThat(read).as("bytes of the request").isLessThan(SIZE);
        }

        @Override
        public void close() throws IOException {
            if (opened != null) {
                opened.close();
            }
            listener.close();
        }
    }

    /** Takes the headers and as much of the body as the first window lets through. */
    private static final class Http2 extends PointSending {
        private static final int FIRST_WINDOW = 65_535;
        private final CompletableFuture<Void> windowUsed = new CompletableFuture<>();
        private final CompletableFuture<Void> abandoned = new CompletableFuture<>();
        private final RawHttp2Server server;
        private int received;

        Http2() throws IOException {
            server = new RawHttp2Server((frame, connection) -> got(frame));
        }

        private void got(RawHttp2Server.Frame frame) {
            switch (frame.type()) {
                case RawHttp2Server.DATA -> {
                    received += frame.payload().length;
                    if (received >= FIRST_WINDOW) {
                        windowUsed.complete(null);
                    }
                }
                case RawHttp2Server.RST_STREAM, RawHttp2Server.GOAWAY -> abandoned.complete(null);
                default -> {
                    // nothing that matters here
                }
            }
        }

        @Override
        void prepare(CancelFixture fixture) {
            fixture.builder.baseUrl(server.url());
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            windowUsed.join();
        }

        @Override
        void checkPeer(CancelFixture fixture, Way way) {
            abandoned.join();
            if (way.isClientClose()) {
                CancelFixture.eventually("the connection is closed", () -> server.ended() == 1);
            } else {
                assertThat(server.received(RawHttp2Server.RST_STREAM)).hasSize(1);
            }
            assertThat(server.received(RawHttp2Server.DATA)).noneMatch(RawHttp2Server.Frame::ends);
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
