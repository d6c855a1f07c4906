package dev.kimi.typed.internal;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Says which members and parameters may be without a value: optionals, and what an annotation calls nullable. */
final class Absence {

    private static final Set<Class<?>> OPTIONALS =
            Set.of(Optional.class, OptionalInt.class, OptionalLong.class, OptionalDouble.class);

    private Absence() {}

    static boolean isOptional(Class<?> type) {
        return OPTIONALS.contains(type);
    }

    /** Whoever's annotation it is: JSpecify's, JetBrains', Spring's. */
    static boolean isNullable(AnnotatedElement element, AnnotatedType type) {
        return saysNullable(element.getAnnotations()) || saysNullable(type.getAnnotations());
    }

    private static boolean saysNullable(Annotation[] annotations) {
        for (Annotation annotation : annotations) {
            if (annotation.annotationType().getSimpleName().equals("Nullable")) {
                return true;
            }
        }
        return false;
    }
}
