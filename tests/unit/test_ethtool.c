/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "linux/ethtool.h"

#include <string.h>
#include <unistd.h>

#include "unit.h"

/* Every machine has a loopback interface; it has the feature loopback and no MACsec offload. */
static void features_of_loopback(void **state)
{
    int ethtool = ethtool_open();

    (void)state;
    assert_true(ethtool >= 0);
    assert_true(ethtool_feature_is_on(ethtool, "lo", "loopback"));
    assert_false(ethtool_feature_is_on(ethtool, "lo", "macsec-hw-offload"));
    assert_false(ethtool_feature_is_on(ethtool, "lo", "no-such-feature"));
    assert_false(ethtool_feature_is_on(ethtool, "no-such-device", "loopback"));
    close(ethtool);
}

static void nobody_drives_loopback(void **state)
{
    int ethtool = ethtool_open();
    char driver[32] = "old";

    (void)state;
    ethtool_driver(ethtool, "lo", driver, sizeof(driver));
    assert_string_equal(driver, "");
    close(ethtool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_of_loopback),
        cmocka_unit_test(nobody_drives_loopback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
