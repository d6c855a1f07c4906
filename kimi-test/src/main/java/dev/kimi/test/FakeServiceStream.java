package dev.kimi.test;

import dev.kimi.error.KimiException;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.transport.Headers;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A streamed response of any endpoint as it was scripted. */
final class FakeServiceStream extends FakeItems<ByteBuffer> implements ServiceStream {

    private final ServiceResponse response;

    /**
     * @param response whose body is given, as one buffer
     * @param failure what it breaks off with, or null
     * @param onCancel notified, once, when it is closed before its end
     */
    FakeServiceStream(ServiceResponse response, @Nullable KimiException failure, Consumer<FakeItems<?>> onCancel) {
        super(buffers(response.body()), true, failure, onCancel);
        this.response = response;
    }

    private static List<ByteBuffer> buffers(byte[] body) {
        return body.length == 0 ? List.of() : List.of(ByteBuffer.wrap(body).asReadOnlyBuffer());
    }

    @Override
    public int status() {
        return response.status();
    }

    @Override
    public Headers headers() {
        return response.headers();
    }

    @Override
    public InputStream inputStream() {
        use();
        return new InputStream() {
            private ByteBuffer current = ByteBuffer.allocate(0);

            @Override
            public int read() {
                return fill() ? current.get() & 0xFF : -1;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                if (length == 0 || !fill()) {
                    return length == 0 ? 0 : -1;
                }
                int taken = Math.min(length, current.remaining());
                current.get(into, from, taken);
                return taken;
            }

            private boolean fill() {
                ByteBuffer next = current.hasRemaining() ? current : await();
                current = next == null ? ByteBuffer.allocate(0) : next;
                return current.hasRemaining();
            }

            @Override
            public void close() {
                FakeServiceStream.this.close();
            }
        };
    }
}
