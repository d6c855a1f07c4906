package dev.kimi.starter.feign.internal;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The protocol whose endpoints a Feign client has: it runs only over clients that speak it. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Speaks {

    /** The protocol's name, as {@link dev.kimi.KimiClient#protocol()} has it. */
    String value();
}
