package dev.kimi.gateway.face;

import dev.kimi.gateway.call.GatewayCall.Outcome;
import dev.kimi.service.ServiceStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A body of any kind on its way to the client, as it is. One that breaks off must not look whole. */
final class BodyPump extends Pump<ByteBuffer> {

    private final ServiceStream stream;
    private final LiveCall call;

    BodyPump(ServiceStream stream, LiveCall call, Writability socket) {
        super(socket);
        this.stream = stream;
        this.call = call;
        stream.subscribe(this);
    }

    @Override
    ByteBuffer bytesOf(ByteBuffer item) {
        return item;
    }

    @Override
    void delivering(ByteBuffer bytes) {
        call.delivered(bytes.remaining());
    }

    @Override
    @Nullable ByteBuffer last(@Nullable Throwable why) {
        if (why != null) {
            call.outcome(Outcome.TRUNCATED);
            throw new BrokenOff();
        }
        call.outcome(stream.status() < 400 ? Outcome.OK : Outcome.FAILED);
        call.settle();
        return null;
    }

    @Override
    void cancelUpstream() {
        stream.close();
    }
}
