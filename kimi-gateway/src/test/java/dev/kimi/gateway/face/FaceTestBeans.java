package dev.kimi.gateway.face;

import dev.kimi.time.VirtualTime;
import org.springframework.context.support.GenericApplicationContext;

/** For the fixture of the module's tests. */
public final class FaceTestBeans {

    private FaceTestBeans() {}

    public static void register(GenericApplicationContext context, VirtualTime time, Places places) {
        context.registerBean("pace", Pace.class, () -> new Pace(time, time));
        context.registerBean(Places.class, () -> places);
    }
}
