package dev.kimi.starter.feign.internal;

import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import feign.MethodMetadata;
import feign.Request;
import feign.RequestTemplate;
import feign.Response;
import feign.Util;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.ObjectReader;

/**
 * Methods that return a {@link Stream} and say that they get JSON lines: the body is read as the stream is, and is not
 * whole before.
 */
final class JsonLines {

    private static final List<String> MEDIA_TYPES =
            List.of("application/x-jsonl", "application/jsonl", "application/x-ndjson");

    private JsonLines() {}

    /** What a line is read into, or null if the type is no stream. */
    static @Nullable Type lineOf(Type type) {
        return type instanceof ParameterizedType generic && generic.getRawType() == Stream.class
                ? generic.getActualTypeArguments()[0]
                : null;
    }

    /** Whether the method says what it gets. */
    static boolean areProducedBy(Method method) {
        RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
        return mapping != null && Arrays.stream(mapping.produces()).anyMatch(JsonLines::isMediaType);
    }

    private static boolean isMediaType(String type) {
        return MEDIA_TYPES.contains(type.split(";", 2)[0].trim());
    }

    /** Whether the response is to be read as it comes. */
    static boolean areAskedForBy(Request request) {
        RequestTemplate template = request.requestTemplate();
        MethodMetadata method = template == null ? null : template.methodMetadata();
        return method != null && lineOf(method.returnType()) != null;
    }

    /** Reads lines as they are taken. Closing the stream closes the response; so does its end, and a bad line. */
    static Stream<Object> read(Response response, Type line, ObjectReader reader) {
        if (response.body() == null) {
            return Stream.empty();
        }
        Lines lines = new Lines(response, line, reader);
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(lines, Spliterator.ORDERED | Spliterator.NONNULL), false)
                .onClose(lines::close);
    }

    private static final class Lines implements Iterator<Object> {

        private final Response response;
        private final Type line;
        private final ObjectReader reader;
        private @Nullable MappingIterator<Object> values;
        private boolean closed;

        private Lines(Response response, Type line, ObjectReader reader) {
            this.response = response;
            this.line = line;
            this.reader = reader;
        }

        /** Begins to read when somebody wants a line. */
        private MappingIterator<Object> values() {
            if (values == null) {
                try {
                    values = reader.readValues(response.body().asInputStream());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return values;
        }

        @Override
        public boolean hasNext() {
            boolean more = !closed && read(() -> values().hasNextValue());
            if (!more) {
                close();
            }
            return more;
        }

        @Override
        public Object next() {
            if (closed) {
                throw new NoSuchElementException("the response has ended, or its stream is closed");
            }
            return read(() -> values().nextValue());
        }

        private <T> T read(Supplier<T> step) {
            try {
                return step.get();
            } catch (JacksonException e) {
                close();
                // without its cause, whose message may quote the response
                throw new ServerException(
                        "A line of the response does not fit " + line.getTypeName() + ".",
                        KimiException.Details.builder()
                                .status(response.status())
                                .build(),
                        null);
            }
        }

        private void close() {
            closed = true;
            Util.ensureClosed(response.body());
        }
    }
}
