package dev.kimi.gateway.face;

import dev.kimi.transport.RequestBody;
import java.nio.ByteBuffer;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpMethod;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;

/** A body on its way from the client to a service, as fast as that takes it and no larger than the limit. */
final class Upload {

    private final Inbound in;
    private final long length;
    private long seen;
    private volatile boolean tooLarge;

    Upload(Inbound in) {
        this.in = in;
        this.length = in.request().getHeaders().getContentLength();
    }

    /** Whether it was broken off because there was more than the limit. */
    boolean isTooLarge() {
        return tooLarge;
    }

    RequestBody body() {
        boolean none = length == 0 || length < 0 && !in.request().getMethod().equals(HttpMethod.POST);
        if (none) {
            return RequestBody.empty();
        }
        Flux<ByteBuffer> bytes = in.request().getBody().map(this::taken);
        return RequestBody.ofPublisher(JdkFlowAdapter.publisherToFlowPublisher(bytes), length, false);
    }

    private ByteBuffer taken(DataBuffer buffer) {
        try {
            seen += buffer.readableByteCount();
            if (seen > in.limit()) {
                tooLarge = true;
                throw BodyReader.tooLarge(in.limit());
            }
            ByteBuffer copy = ByteBuffer.allocate(buffer.readableByteCount());
            buffer.toByteBuffer(copy);
            return copy;
        } finally {
            DataBufferUtils.release(buffer);
        }
    }
}
