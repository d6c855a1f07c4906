package dev.kimi.starter.autoconfigure;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** For beans that are missing because {@code kimi.enabled} is false. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class SwitchedOffFailureAnalyzer extends AbstractInjectionFailureAnalyzer<NoSuchBeanDefinitionException> {

    private static final String SETTING = "kimi.enabled";

    private final @Nullable Environment environment;

    SwitchedOffFailureAnalyzer(@Nullable Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(
            Throwable rootFailure, NoSuchBeanDefinitionException cause, @Nullable String description) {
        if (environment == null
                || environment.getProperty(SETTING, Boolean.class, true)
                || !isOurs(rootFailure, cause)) {
            return null;
        }
        String place = SettingSources.place(new SettingSources(environment).find(SETTING));
        return new FailureAnalysis(
                (description == null ? "The application" : description) + " needs " + what(cause)
                        + ", which is not there, since " + SETTING + place + " is false.",
                "Set " + SETTING
                        + " to true, or publish a bean of that type yourself, such as a fake in a test. Code that"
                        + " can do without takes an ObjectProvider of it.",
                cause);
    }

    private static String what(NoSuchBeanDefinitionException cause) {
        ResolvableType type = cause.getResolvableType();
        return type == null ? "a bean named '" + cause.getBeanName() + "'" : "a bean of type " + type;
    }

    private boolean isOurs(Throwable rootFailure, NoSuchBeanDefinitionException cause) {
        ResolvableType type = cause.getResolvableType();
        return type != null && type.toString().contains("dev.kimi.")
                || isOurs(cause.getBeanName())
                || isOurs(qualifier(rootFailure));
    }

    private static boolean isOurs(@Nullable String bean) {
        return bean != null && bean.toLowerCase(Locale.ROOT).contains("kimi");
    }

    /** The qualifier at the place where the bean is missing, or null. */
    static @Nullable String qualifier(Throwable rootFailure) {
        Throwable failure = rootFailure;
        while (failure != null && !(failure instanceof UnsatisfiedDependencyException)) {
            failure = failure.getCause();
        }
        UnsatisfiedDependencyException unsatisfied = (UnsatisfiedDependencyException) failure;
        InjectionPoint point = unsatisfied == null ? null : unsatisfied.getInjectionPoint();
        Qualifier qualifier = point == null ? null : point.getAnnotation(Qualifier.class);
        return qualifier == null ? null : qualifier.value();
    }
}
