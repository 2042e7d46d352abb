/* SPDX-License-Identifier: MIT */
#include "image/vote.h"

void clv_vote(const uint8_t *yes, const uint8_t *asked, int width, clv_rect area, int radius, uint8_t *carried)
{
    const clv_rect a = area;
    for (int y = a.y; y < a.y + a.height; y++)
        for (int x = a.x; x < a.x + a.width; x++) {
            carried[y * width + x] = 0;
            if (!yes[y * width + x])
                continue;
            const clv_rect near =
                clv_rect_intersect(a, (clv_rect){x - radius, y - radius, 2 * radius + 1, 2 * radius + 1});
            int all = 0, votes = 0;
            for (int v = near.y; v < near.y + near.height; v++)
                for (int u = near.x; u < near.x + near.width; u++) {
                    all += asked[v * width + u] != 0;
                    votes += yes[v * width + u];
                }
            carried[y * width + x] = 2 * votes >= all;
        }
}
