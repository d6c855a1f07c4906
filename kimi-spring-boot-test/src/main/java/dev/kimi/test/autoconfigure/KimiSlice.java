package dev.kimi.test.autoconfigure;

import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.event.CallListener;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.starter.KimiClientCustomizer;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.boot.test.autoconfigure.TestSliceTestContextBootstrapper;
import org.springframework.boot.test.context.filter.annotation.StandardAnnotationCustomizableTypeExcludeFilter;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.util.ClassUtils;

/** How a {@link KimiTest} makes its context, and of what. */
final class KimiSlice {

    private KimiSlice() {}

    /** Reads the properties of the annotation. */
    static final class Bootstrapper extends TestSliceTestContextBootstrapper<KimiTest> {}

    /** Leaves out of a slice what it does not test. */
    static final class Components extends StandardAnnotationCustomizableTypeExcludeFilter<KimiTest> {

        /** By name: an application has neither of them, or one. */
        private static final List<String> TOOLS =
                List.of("dev.kimi.tool.ToolMethod", "org.springframework.ai.tool.annotation.Tool");

        private static final Set<Class<?>> DECIDING =
                Set.of(KimiClientCustomizer.class, RetryPolicy.class, BatchWindowFactory.class, CallListener.class);

        /** Also within {@code ObjectProvider}, {@code List} and the like. */
        private static final Pattern CLIENT = Pattern.compile("\\b(dev\\.kimi\\.(KimiClient"
                + "|starter\\.feign\\.(KimiApi|ClaudeApi)|typed\\.TypedChat|tool\\.ToolLoop"
                + "|springai\\.KimiChatModel)"
                + "|org\\.springframework\\.ai\\.chat\\."
                + "(model\\.(ChatModel|StreamingChatModel)|client\\.ChatClient))\\b");

        Components(Class<?> testClass) {
            super(testClass);
        }

        @Override
        protected Set<Class<?>> getKnownIncludes() {
            return DECIDING;
        }

        @Override
        protected Set<Class<?>> getComponentIncludes() {
            return Set.of(getAnnotation().getClassArray("components"));
        }

        @Override
        protected boolean defaultInclude(MetadataReader reader, MetadataReaderFactory factory) throws IOException {
            return super.defaultInclude(reader, factory)
                    || (getComponentIncludes().isEmpty()
                            && !reader.getAnnotationMetadata().isAnnotated(Configuration.class.getName())
                            && (TOOLS.stream().anyMatch(reader.getAnnotationMetadata()::hasAnnotatedMethods)
                                    || injectsClient(reader.getClassMetadata().getClassName())));
        }

        private static boolean injectsClient(String name) {
            try {
                Class<?> type = ClassUtils.forName(name, null);
                return Stream.concat(
                                Arrays.stream(type.getDeclaredConstructors())
                                        .map(Constructor::getGenericParameterTypes)
                                        .flatMap(Arrays::stream),
                                Arrays.stream(type.getDeclaredFields())
                                        .filter(field -> field.getAnnotations().length > 0)
                                        .map(Field::getGenericType))
                        .map(Type::getTypeName)
                        .anyMatch(injected -> CLIENT.matcher(injected).find());
            } catch (ClassNotFoundException | LinkageError e) {
                // a class whose own classes are missing cannot be tested here
                return false;
            }
        }
    }
}
