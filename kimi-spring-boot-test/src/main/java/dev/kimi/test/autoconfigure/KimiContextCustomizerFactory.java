package dev.kimi.test.autoconfigure;

import dev.kimi.test.KimiSimulator;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.Order;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the simulators in static fields of a test class. First of all factories, since Spring Boot's would say of a
 * simulator only that it is no container.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class KimiContextCustomizerFactory implements ContextCustomizerFactory {

    @Override
    public @Nullable ContextCustomizer createContextCustomizer(
            Class<?> testClass, List<ContextConfigurationAttributes> attributes) {
        List<KimiContextCustomizer.Connection> connections = new ArrayList<>();
        collect(testClass, connections);
        boolean enable = TestContextAnnotationUtils.hasAnnotation(testClass, AutoConfigureKimi.class);
        return connections.isEmpty() && !enable ? null : new KimiContextCustomizer(enable, List.copyOf(connections));
    }

    private static void collect(Class<?> type, List<KimiContextCustomizer.Connection> found) {
        ReflectionUtils.doWithLocalFields(type, field -> {
            MergedAnnotations annotations = MergedAnnotations.from(field);
            MergedAnnotation<KimiServiceConnection> annotation = annotations.get(KimiServiceConnection.class);
            if (annotation.isPresent()) {
                found.add(new KimiContextCustomizer.Connection(
                        name(field), simulator(field), List.of(annotation.getStringArray(MergedAnnotation.VALUE))));
            } else if (field.getType() == KimiSimulator.class) {
                Assert.state(
                        !annotations.isPresent(SimulatorConnections.OF_BOOT),
                        () -> "The simulator in the field " + name(field) + " is annotated with Spring Boot's"
                                + " @ServiceConnection, which is for containers. Annotate it with"
                                + " @KimiServiceConnection.");
            }
        });
        if (TestContextAnnotationUtils.searchEnclosingClass(type)) {
            collect(type.getEnclosingClass(), found);
        }
        for (Class<?> parent : type.getInterfaces()) {
            collect(parent, found);
        }
        Class<?> parent = type.getSuperclass();
        if (parent != null && parent != Object.class) {
            collect(parent, found);
        }
    }

    private static String name(Field field) {
        return field.getDeclaringClass().getName() + "." + field.getName();
    }

    private static KimiSimulator simulator(Field field) {
        Assert.state(
                Modifier.isStatic(field.getModifiers()),
                () -> "The field " + name(field) + " with @KimiServiceConnection must be static, since the context is"
                        + " made before the test's instance.");
        ReflectionUtils.makeAccessible(field);
        Object value = ReflectionUtils.getField(field, null);
        Assert.state(
                value instanceof KimiSimulator,
                () -> "The field " + name(field) + " with @KimiServiceConnection must hold a KimiSimulator when the"
                        + " class is loaded, such as KimiSimulator.start().");
        return (KimiSimulator) value;
    }
}
