package dev.kimi.starter.feign.internal;

import dev.kimi.service.ServiceStream;
import feign.Response;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** A body that is read as it comes, once. */
final class StreamedBody implements Response.Body {

    private final ServiceStream stream;

    StreamedBody(ServiceStream stream) {
        this.stream = stream;
    }

    /** Not known. */
    @Override
    public @Nullable Integer length() {
        return null;
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public InputStream asInputStream() {
        return stream.inputStream();
    }

    @Override
    public Reader asReader(Charset charset) {
        return new InputStreamReader(asInputStream(), charset);
    }

    @Override
    public void close() {
        stream.close();
    }
}
